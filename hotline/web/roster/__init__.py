"""The duty roster in a browser: the calendar, its editing, its versions, what-if, and fairness."""
