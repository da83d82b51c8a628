"""The public clothing dataset (CC0): its download, and colours and patterns of its photos."""
