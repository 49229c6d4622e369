@_exported public import MartletCore
@_exported public import MartletRDD
@_exported public import MartletStreaming
