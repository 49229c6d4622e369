import MartletCore
import Testing

private struct Visit: Codable, Equatable, Sendable {
  var page: String
  var seconds: Int?
  var tags: [String]
}

@Suite struct CorruptionTests {
  private typealias Element = (Text, Visit, [Int], Double?)

  private func elements() -> [Element] {
    (0..<9).map { i in
      (
        Text("page number \(i) of a site"), Visit(page: "p\(i)", seconds: i == 3 ? nil : i, tags: ["a", "b"]),
        Array(0..<i), i % 2 == 0 ? nil : 0.5
      )
    }
  }

  /// A file of a frame and the end mark.
  private func file() throws -> [UInt8] {
    let bytes = ByteBuffer()
    let codec = try #require(ElementCodec<Element>.make())
    try elements().withUnsafeBufferPointer { elements in
      try codec.appendFrame(try #require(elements.baseAddress), elements.count, to: bytes)
    }
    try FrameHeader.append(.end, count: 0, to: bytes)
    return Array(bytes.bytes)
  }

  private func read(_ bytes: [UInt8], _ path: String) throws -> Int {
    let file = try SystemFile.create(path)
    defer { try? Folder.remove(path) }
    try bytes.withUnsafeBytes { try file.write($0) }
    let reader = FrameReader(
      try SystemFile.read(path), [0..<bytes.count], try #require(ElementCodec<Element>.make()), expectsEnd: true)
    return try reader.readAll().count
  }

  @Test func `a file with any byte changed is refused by its name`() throws {
    try withTemporaryFolder { folder in
      let whole = try file()
      let path = "\(folder)/data"
      #expect(try read(whole, path) == 9)
      for i in whole.indices {
        for change: UInt8 in [1, 0x80, 0xFF] {
          var bytes = whole
          bytes[i] ^= change
          let error = #expect(throws: MartletError.self) { try read(bytes, path) }
          #expect(error?.code == .corruptData && error?.message.contains(path) == true)
        }
      }
    }
  }

  @Test func `a file truncated anywhere is refused`() throws {
    try withTemporaryFolder { folder in
      let whole = try file()
      for count in whole.indices {
        let error = #expect(throws: MartletError.self) { try read(Array(whole[..<count]), "\(folder)/data") }
        #expect(error?.code == .corruptData)
      }
      #expect(throws: MartletError.self) { try read(whole + [0], "\(folder)/data") }
    }
  }

  @Test func `invalid payloads with a valid checksum are refused or read, and never crash`() throws {
    let bytes = ByteBuffer()
    let codec = try #require(ElementCodec<Element>.make())
    try elements().withUnsafeBufferPointer { elements in
      try codec.encode(try #require(elements.baseAddress), elements.count, into: bytes)
    }
    let whole = Array(bytes.bytes)
    let target = UnsafeMutablePointer<Element>.allocate(capacity: 9)
    defer { target.deallocate() }
    /// Returns true if the bytes were read.
    func decode(_ bytes: ArraySlice<UInt8>) -> Bool {
      bytes.withUnsafeBytes { bytes in
        do {
          try codec.decode(bytes, 9, to: target)
          target.deinitialize(count: 9)
          return true
        } catch {
          #expect(error is ByteReader.Malformed || error is DecodingError, "\(error)")
          return false
        }
      }
    }
    #expect(decode(whole[...]))
    var read = 0
    var refused = 0
    for i in whole.indices {
      #expect(!decode(whole[..<i]), "the first \(i) bytes")
      for value: UInt8 in [0, 1, 3, 9, 0x7F, 0x80, 0xFF] {
        var changed = whole
        changed[i] = value
        if decode(changed[...]) { read += 1 } else { refused += 1 }
      }
    }
    // Letters and numbers may have any value; lengths and kinds may not.
    #expect(read > 100 && refused > 100, "\(read) read, \(refused) refused")
  }
}
