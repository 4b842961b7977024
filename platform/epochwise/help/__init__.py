"""Help in place: the help of every page, guides, tours of a first visit, and first steps."""
