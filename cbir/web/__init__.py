"""The page: layout, texts, endpoints, uploads, and a searcher that follows its catalogue.

`page` is the door. Gradio is imported in `page` and `uploads` alone. Nothing here trusts what a visitor sends.
"""
