"""Which agents exist: from random to the reference's own policy."""
