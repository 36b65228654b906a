"""Pages of the desk: the desk itself, how one wants it, its calendar feed."""
