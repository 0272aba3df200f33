"""The controller and what it has decided: purposes, balancing tests, processors, transfers, declared fields."""
