"""What the generated database is made of, one module for each part; ``everything`` puts them together."""
