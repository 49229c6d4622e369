import MartletCore
package import MartletLog

/// Consecutive complete frames in a file of a receiver's log.
package struct BlockStretch: Sendable, Equatable {
  package var segment: SegmentName
  package var from: Int
  package var to: Int
  package var records: Int

  package init(_ segment: SegmentName, from: Int, to: Int, records: Int) {
    self.segment = segment
    self.from = from
    self.to = to
    self.records = records
  }

  /// Merges adjacent stretches.
  static func joined(_ stretches: [BlockStretch]) -> [BlockStretch] {
    var result: [BlockStretch] = []
    for next in stretches {
      if let last = result.last, last.segment == next.segment, last.to == next.from {
        result[result.count - 1].to = next.to
        result[result.count - 1].records += next.records
      } else {
        result.append(next)
      }
    }
    return result
  }
}

extension ByteBuffer {
  func append(_ stretches: [BlockStretch]) {
    append(stretches) { out, stretch in
      for number in [
        stretch.segment.epoch, stretch.segment.number, stretch.from, stretch.to - stretch.from, stretch.records,
      ] {
        out.append(variable: UInt64(number))
      }
    }
  }
}

extension ByteReader {
  mutating func stretches() throws -> [BlockStretch] {
    try list(minimumSize: 5) { reader in
      let segment = SegmentName(epoch: try reader.integer(), number: try reader.integer())
      let from = try reader.integer()
      return BlockStretch(segment, from: from, to: from + (try reader.integer()), records: try reader.integer())
    }
  }
}
