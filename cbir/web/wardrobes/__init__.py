"""Wardrobes: small catalogues that visitors make of their own photos, on a page, and change there.

A wardrobe is known by a token that one tab has, and is deleted when nobody used it for an hour. Photos wait for one
indexer, which works behind the searches of others. What is drawn of a wardrobe, and the handlers of its page, are here;
searching it is the search page's.
"""
