"""The page: layout, texts, endpoints, uploads, and a searcher that follows its catalogue.

`page` is the door; `stage` draws the photo with its garments, on which one is chosen. Gradio is imported in `page`,
`endpoints` and `uploads`. Nothing here trusts what a visitor sends.
"""
