"""Pictures of numbers, drawn with the standard library: the same numbers are the same bytes.

A chart says what is drawn (`lines`, `intervals`). It becomes an SVG that stands alone in a file, or as it is in an HTML
page, or rows of a terminal (`terminal`).
"""
