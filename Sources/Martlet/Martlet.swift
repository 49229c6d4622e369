@_exported public import MartletCheckpoint
@_exported public import MartletCore
@_exported public import MartletRDD
@_exported public import MartletSources
@_exported public import MartletStreaming
