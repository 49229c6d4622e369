import MartletCore
import Testing

@Suite struct TextTests {}
