import Foundation
import Testing

@testable import MartletCore

/// Texts at all places of a buffer, and texts with random damage.
@Suite struct JSONDamageTests {
  private let decoder = JSONRecordDecoder()

  private struct Sample: Codable, Equatable {
    var id: Int
    var name: String
    var tags: [String]
    var score: Double?
    var inner: [String: [Int]]
    var on: Bool
  }

  private let json =
    #"{"id":12345678,"name":"a \"quoted\" name \ud83e\udeb6 and more","tags":["x","yy",""],"score":-12.5e-3,"inner":{"a":[1,2,3],"b":[]},"on":true}"#

  private var value: Sample {
    Sample(
      id: 12_345_678, name: "a \"quoted\" name 🪶 and more", tags: ["x", "yy", ""], score: -0.0125,
      inner: ["a": [1, 2, 3], "b": []], on: true)
  }

  /// A text that points into a buffer in which other JSON stands before and after it.
  private func text(_ json: String, after prefix: String, before suffix: String) -> Text {
    let all = Array((prefix + json + suffix).utf8)
    let buffer = all.withUnsafeBufferPointer { TextBuffer(copying: $0.baseAddress.unsafelyUnwrapped, count: $0.count) }
    return Text(buffer.base + prefix.utf8.count, count: json.utf8.count, in: buffer)
  }

  @Test func `a text is read at every offset of a buffer, and only to its end`() throws {
    for offset in 0..<70 {
      let prefix = String(repeating: "9", count: offset)
      for suffix in ["", "9", "\"}", "}]}", "0123456789", "e5", ".5"] {
        #expect(try decoder.decode(Sample.self, from: text(json, after: prefix, before: suffix)) == value)
        #expect(
          try decoder.decode(Int.self, from: text("1234567890123456", after: prefix, before: suffix))
            == 1_234_567_890_123_456)
        #expect(decoder.reason(text("\"0123456789abcdef", after: prefix, before: "\"" + suffix), String.self) != nil)
      }
    }
  }

  @Test func `every beginning of a record is rejected`() throws {
    let bytes = Array(json.utf8)
    for count in 0..<bytes.count {
      // Beginnings that end within a scalar are not there: the record escapes all that is not ASCII.
      let part = String(decoding: bytes[..<count], as: UTF8.self)
      let error = try #require(throws: JSONRecordError.self) {
        try decoder.decode(Sample.self, from: text(part, after: "{", before: json))
      }
      #expect(error.offset <= count)
    }
  }

  @Test func `strings of every length around a block are read`() throws {
    for count in 0..<140 {
      let plain = String((0..<count).map { Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8($0 % 26))) })
      for position in [0, count / 2, count] {
        let start = plain.prefix(position), end = plain.suffix(count - position)
        let cases = [(plain, plain), (start + "\\n" + end, start + "\n" + end), (start + "é" + end, start + "é" + end)]
        for (json, expected) in cases {
          let text = text("[\"\(json)\",\"\(json)\"]", after: "\"", before: "\"")
          #expect(try decoder.decode([String].self, from: text) == [String(expected), String(expected)])
          #expect(try decoder.decode([Text].self, from: text) == [Text(String(expected)), Text(String(expected))])
        }
      }
    }
  }

  @Test func `random damage is never accepted as something that Foundation rejects`() throws {
    var random = SystemRandomNumberGenerator()
    let interesting = Array("{}[]\",:\\/ \n0123456789eE+-.tfnu".utf8) + [0, 1, 0x7F, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
    for _ in 0..<20_000 {
      var bytes = Array(json.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let byte = interesting.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: bytes.remove(at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      let own = Result { try decoder.decode(JSONTree.self, from: bytes) }
      let theirs = Result { try JSONDecoder().decode(JSONTree.self, from: Data(bytes)) }
      let text = String(decoding: bytes, as: UTF8.self)
      switch (own, theirs) {
      case (.success(let own), .success(let theirs)): #expect(own == theirs, "\(text)")
      case (.success, .failure(let error)): Issue.record("only Foundation rejects \(text): \(error)")
      // Foundation permits a comma after the last item and the last field.
      case (.failure(let error), .success)
      where "\(error)".hasSuffix("required, not \"]\"") || "\(error)".hasSuffix("required, not \"}\""):
        break
      case (.failure(let error), .success): Issue.record("only Foundation accepts \(text): \(error)")
      case (.failure, .failure): break
      }
      // Into a type, damage does no more harm.
      _ = Result { try decoder.decode(Sample.self, from: bytes) }
    }
  }

  @Test func `values that Foundation encodes are the same again`() throws {
    var random = SystemRandomNumberGenerator()
    func text() -> String {
      String(
        String.UnicodeScalarView(
          (0..<Int.random(in: 0...40, using: &random)).map { _ in
            let limit: UInt32 = [0x20, 0x7F, 0x7F, 0x7F, 0x800, 0x10FFFF].randomElement(using: &random) ?? 0x7F
            return Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) ?? "\\"
          }))
    }
    for _ in 0..<5_000 {
      let sample = Sample(
        id: Int.random(in: .min ... .max, using: &random) >> Int.random(in: 0..<63, using: &random), name: text(),
        tags: (0..<Int.random(in: 0...3, using: &random)).map { _ in text() },
        score: Bool.random(using: &random)
          ? nil : Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &random)),
        inner: Dictionary((0..<3).map { _ in (text(), [Int.random(in: -9...9, using: &random)]) }) { $1 },
        on: Bool.random(using: &random))
      let encoder = JSONEncoder()
      encoder.outputFormatting = Bool.random(using: &random) ? [.prettyPrinted] : [.sortedKeys]
      let data = try encoder.encode(sample)
      #expect(try decoder.decode(Sample.self, from: data) == sample, "\(String(decoding: data, as: UTF8.self))")
    }
  }

  @Test func `random numbers are rounded as Swift rounds them`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<50_000 {
      let digits = String(
        (0..<Int.random(in: 1...25, using: &random)).map { _ in Character(String(Int.random(in: 0...9, using: &random)))
        })
      var text = (Bool.random(using: &random) ? "-" : "") + "1" + digits
      if Bool.random(using: &random) { text += "." + digits.reversed() }
      if Bool.random(using: &random) { text += "e\(Int.random(in: -340...270, using: &random))" }
      let expected = try #require(Double(text))
      #expect(try decoder.decode(Double.self, from: Text(text)) == expected, "\(text)")
      #expect(try decoder.decode([Double].self, from: Text("[\(text)]")) == [expected])
      if let single = Float(text), single.isFinite {
        #expect(try decoder.decode(Float.self, from: Text(text)) == single, "\(text)")
      }
      if let integer = Int(text) { #expect(try decoder.decode(Int.self, from: Text(text)) == integer) }
    }
  }
}
