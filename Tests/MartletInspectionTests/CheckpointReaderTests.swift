import MartletCore
import MartletInspection
import MartletStreaming
import MartletTesting
import TestSupport
import Testing

@Suite struct CheckpointReaderTests {
}
