"""Sentiment of IMDB film reviews: does the writer like the film?"""
