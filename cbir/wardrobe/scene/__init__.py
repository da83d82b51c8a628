"""What is photographed, and how.

Here live the table that pieces are laid on, the grounds below them, the figure that wears them, the light and the
camera. Arrays here have one entry for each pixel of the table.
Nothing here knows which garments there are or how they are cut. Of the other rooms, geometry and cloth are imported.
"""
