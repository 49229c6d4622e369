import Foundation
import MartletCore
import Testing

@Suite struct TextStringsTests {
  @Test func `strings and texts convert both ways without loss`() {
    var samples = TextSamples(seed: 50)
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      #expect(String(text).bytes == string.bytes)
      #expect(text.description.bytes == string.bytes)
      #expect(text.debugDescription == string.debugDescription)
      #expect("\(text)".bytes == string.bytes)
      let substring = (string + "!").dropLast()
      #expect(Text(substring).bytes == substring.utf8.map { $0 })
    }
  }

  @Test func `a text is quoted like a string`() {
    #expect("\(("hello" as Text, 2))" == #"("hello", 2)"#)
    #expect("\(["a", "say \"hi\"\n"] as [Text])" == #"["a", "say \"hi\"\n"]"#)
    #expect(String(describing: "hello" as Text) == "hello")
    #expect(String(reflecting: "hello" as Text) == #""hello""#)
  }

  @Test func `literals and interpolations make texts`() {
    let count = 2
    let text: Text = "counted \(count) of \("words" as Text)"
    #expect(text == "counted 2 of words")
    var out = ""
    print(text, terminator: "", to: &out)
    #expect(out == "counted 2 of words")
  }

  @Test func `an initializer converts many values`() {
    let line: Text = "1,2.5,x"
    #expect(line.split(separator: ",").map(String.init) == ["1", "2.5", "x"])
    #expect(line.split(separator: ",").compactMap(Int.init) == [1])
    #expect(line.split(separator: ",").compactMap(Double.init) == [1, 2.5])
    #expect(["1", "x"].map(Text.init) == ["1", "x"])
  }

  @Test func `a text is encoded as a single string`() throws {
    let texts: [Text] = ["", "short", "more than fifteen bytes", "漢字\n\"quoted\""]
    let json = try JSONEncoder().encode(texts)
    #expect(try JSONDecoder().decode([String].self, from: json) == texts.map { String($0) })
    #expect(try JSONDecoder().decode([Text].self, from: json) == texts)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Text].self, from: Data("[1]".utf8)) }
  }

  @Test func `decoding repairs bytes exactly as a string does`() {
    var samples = TextSamples(seed: 51)
    for _ in 0..<5000 {
      let bytes = samples.bytes()
      let text = Text(decoding: bytes)
      #expect(text.bytes == String(decoding: bytes, as: UTF8.self).bytes, "\(bytes)")
      #expect(text.isCanonical)
    }
    #expect(Text(decoding: [0x68, 0x69, 0xFF]) == "hi\u{FFFD}")
    #expect(Text(decoding: EmptyCollection()).isEmpty)
    #expect(Text(decoding: "of another collection than an array".utf8.reversed().reversed()).utf8Count == 35)
  }

  @Test func `only a slice with invalid bytes is repaired into a copy`() {
    let bytes = Array("a valid line of some words|an invalid \u{FF} line of words".utf8)
    let buffer = TextBuffer(capacity: bytes.count)
    for (i, byte) in bytes.enumerated() { buffer.base[i] = byte == 0xC3 ? 0xFF : byte }
    let valid = Text(repairing: UnsafePointer(buffer.base), count: 26, in: buffer)
    #expect(valid == "a valid line of some words" && valid.owner === buffer)
    let invalid = Text(repairing: UnsafePointer(buffer.base + 27), count: bytes.count - 27, in: buffer)
    #expect(invalid == "an invalid \u{FFFD}\u{FFFD} line of words" && invalid.owner !== buffer)
  }

  @Test func `validation refuses the same bytes as a string`() {
    var samples = TextSamples(seed: 52)
    for _ in 0..<5000 {
      let bytes = samples.bytes()
      let text = Text(validating: bytes)
      #expect(text?.bytes == String(validating: bytes, as: UTF8.self)?.bytes, "\(bytes)")
      #expect(text?.isCanonical != false)
    }
    #expect(Text(validating: [])?.isEmpty == true)
  }

  @Test func `every sequence of three bytes is validated as in a string`() {
    // The bytes at which the rules of UTF-8 change, and their neighbors.
    let edges: [UInt8] = [
      0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0,
      0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    for a in edges {
      for b in edges {
        for c in edges {
          for d in [[], [0x80], [0x41]] as [[UInt8]] {
            let bytes = [a, b, c] + d
            let isValid = bytes.withUnsafeBufferPointer {
              validatedUTF8($0.baseAddress.unsafelyUnwrapped, count: $0.count)
            }
            if isValid != (String(validating: bytes, as: UTF8.self) != nil) { Issue.record("\(bytes)") }
          }
        }
      }
    }
  }

  @Test func `an invalid byte is found at every place in a block`() {
    var bytes = [UInt8](repeating: 0x61, count: 200)
    for i in bytes.indices {
      bytes[i] = 0x80
      let isValid = bytes.withUnsafeBufferPointer { validatedUTF8($0.baseAddress.unsafelyUnwrapped, count: $0.count) }
      #expect(!isValid)
      bytes[i] = 0x61
    }
    #expect(bytes.withUnsafeBufferPointer { validatedUTF8($0.baseAddress.unsafelyUnwrapped, count: $0.count) })
  }
}
