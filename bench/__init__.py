"""Measures what the design promises, in figures that compare. Nothing in here is part of the product."""
