"""Documents on paper and screen: accessible PDF files, typeset in memory, in one look for the whole house."""
