"""The rights desk: every request of a data subject as a case with clocks, from its arrival to its proof."""
