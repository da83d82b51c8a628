"""Transfer learning: losses, the pictures trained on, and the steps of a training.

`finetune` is the door, and `finder` that of the garment finder. Training needs photos with labels and a network to
begin with; nothing else in the project needs training.
"""
