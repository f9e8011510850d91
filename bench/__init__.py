"""Measures what the design promises, in figures that compare: `make bench`. Nothing here is part of the product."""
