"""Pure geometry, in centimetres: x to the right, y down.

Here live outlines, random fields, the pieces that a garment is made of (panels, lines, discs), and the functions that
move and mirror them.
Nothing here knows a colour, a fabric, a garment or a pixel of the picture, and nothing here imports another room.
"""
