"""The page: layout, texts, endpoints, uploads, and a searcher that follows its catalogue.

`page` is the door. Gradio is imported in `page`, `endpoints` and `uploads`. Nothing here trusts what a visitor sends.
"""
