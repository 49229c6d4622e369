public import Martlet
