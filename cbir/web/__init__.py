"""The page: layout, texts, endpoints, uploads, and a searcher that follows its catalogue.

`page` is the door. `endpoints` answers a photo, a part of it or a match, `trail` keeps what a visitor searched for,
`stage` and `cards` draw what is searched and what is found, `browse` shows the catalogue, and `map` draws its map.
`serving` has it up until it is stopped, `health` and `log` tell how it does.
What is said, `texts` has in each language; `translating` puts it into the page.
Nothing here trusts what a visitor sends.
"""
