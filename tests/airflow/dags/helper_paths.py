def topics(user):
    return [f'{user}.{name}' for name in ('pin', 'geo', 'user')]
