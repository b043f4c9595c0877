"""Plumbing of the course: data, training, figures, and the checks of the assignments."""
