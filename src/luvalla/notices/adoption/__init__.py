"""Reading an organisation's existing notice by rules: what each sentence says, which claims stand for it, what is weak.

Nothing is fetched and nothing is guessed by a model: the patterns are data, one file a language.
"""
