"""An advisor's own pages, made for a phone: my shifts, swaps, absence, my details, my calendar's address."""
