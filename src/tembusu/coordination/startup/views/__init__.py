"""The screens of start-up, by page: the list, a study, a study-site, many at once, pathways."""
