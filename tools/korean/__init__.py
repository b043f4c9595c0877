"""The Korean edition: a text for each page in `ko/`, composed with the English notebooks into a book."""
