"""Catalogues in Milvus."""
