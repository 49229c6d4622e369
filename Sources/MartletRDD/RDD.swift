public import MartletCore
