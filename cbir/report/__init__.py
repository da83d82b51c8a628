"""Answers to be handed over: as a picture, as a table, and many of them as one page. Nothing is searched here.

`picture` draws, `table` writes CSV, `page` writes HTML that needs nothing else; `words` says what all of them and the
web page say of a match. What is written here leaves the machine: it holds no path of it, and escapes what it quotes.
"""
