"""Wide & deep on the UCI Adult census: will a person earn more than 50,000 dollars a year?"""
