"""Models of known quality: which questions each answers rightly is asked for, drawn, and repeatable."""
