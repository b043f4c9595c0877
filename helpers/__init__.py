"""The course's plumbing: data, training, figures, and the checks for the assignments."""
