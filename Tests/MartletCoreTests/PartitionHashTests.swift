import MartletCore
import Testing

@Suite struct PartitionHashTests {
  @Test func `every process computes the same partitions`() async throws {
    let first = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      printPartitionHashes()
    }
    let second = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      printPartitionHashes()
    }
    let here = partitionHashes()
    let lines = [first, second].map { outputLines($0.standardOutputContent) }
    // Otherwise the processes would agree anyway.
    #expect(lines[0].last != lines[1].last, "both processes have the same random seed")
    for lines in lines {
      #expect(lines.count == here.count + 1)
      for (line, own) in zip(lines, here) { #expect(line == own) }
    }
  }

  @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 25, 300])
  func `a key that is not StableHashable hashes with SipHash-1-3 of the bytes that it feeds`(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    #expect(hash(Fed(bytes: bytes)) == sipHash13(bytes))
  }

  @Test func `this version of Swift allows hashes with a fixed seed`() { #expect(partitionsAreStable) }

  @Test func `equal keys have the same partition, whatever their type`() {
    #expect(hash(Name(text: "Caf\u{E9}")) == hash(Name(text: "Cafe\u{301}")))
    #expect(hash(Header(rawValue: "Host")) == hash(Header(rawValue: "HOST")))
    #expect(hash(AnyHashable(1)) == hash(AnyHashable(1.0)))
    #expect(hash(AnyHashable(1)) == hash(AnyHashable(UInt8(1))))
    #expect(hash(Optional(AnyHashable(1))) == hash(Optional(AnyHashable(1.0))))
    let numbers = Array(0..<100)
    #expect(hash(Set(numbers)) == hash(Set(numbers.reversed())))
    let pairs = numbers.map { ($0, "\($0)") }
    #expect(hash(Dictionary(uniqueKeysWithValues: pairs)) == hash(Dictionary(uniqueKeysWithValues: pairs.reversed())))
  }

  @Test func `different keys have different hashes`() {
    var seen: Set<UInt64> = []
    for id in 0..<100 { for value in [nil, 1, 2] as [Int?] { seen.insert(hash(Reading(sensor: id, value: value))) } }
    for count in 0..<100 { seen.insert(hash(Event.lost(count))) }
    for count in 0..<100 { seen.insert(hash(Set(0..<count))) }
    #expect(seen.count == 500)
  }
}

private struct Name: Hashable { var text: String }
private struct Reading: Hashable {
  var sensor: Int
  var value: Int?
}
private enum Event: Hashable {
  case opened
  case named(String, [Int?])
  case lost(Int)
}
private enum Color: String { case red, green }

/// A type whose equality is not that of its raw value.
private struct Header: RawRepresentable, Hashable {
  var rawValue: String
  static func == (a: Header, b: Header) -> Bool { a.rawValue.lowercased() == b.rawValue.lowercased() }
  func hash(into hasher: inout Hasher) { hasher.combine(rawValue.lowercased()) }
}

/// Feeds bytes, without their number.
private struct Fed: Hashable {
  var bytes: [UInt8]
  func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

/// A key that contains a set.
private struct Tagged: StableHashable {
  var name: String
  var tags: Set<String>
  func stableHash(seed: UInt64) -> UInt64 { tags.stableHash(seed: name.stableHash(seed: seed)) }
}

private func hash<Key: Hashable>(_ key: Key) -> UInt64 {
  var key = key
  return partitionHash(&key, keyWatch(Key.self))
}

private func partitionHashes() -> [String] {
  func line<Key: Hashable>(_ key: Key) -> String { "\(Key.self) \(hash(key))" }
  return [
    line(1), line("a"), line("Caf\u{E9}"), line("e\u{301}" as Character),
    line(Text("a longer text than fits inline")),
    line(1.5), line(true), line([1, nil]), line([[1], nil] as [[Int]?]), line(Pair(1, "a")),
    line(Name(text: "Cafe\u{301}")), line(Reading(sensor: 3, value: nil)), line(Reading(sensor: 3, value: 4)),
    line(Event.opened), line(Event.named("x", [1, nil])), line(Event.lost(3)), line(Color.green),
    line(Header(rawValue: "Host")), line([Name(text: "a"), nil]), line(Pair(Event.lost(1), Color.red)),
    line(AnyHashable(Reading(sensor: 1, value: 2))), line(0..<5), line("abcdef".dropFirst()),
    line(Set(0..<20)), line(["a": 1, "b": 2]), line(Tagged(name: "n", tags: ["a", "b", "c"])),
  ]
}

private func printPartitionHashes() {
  for line in partitionHashes() { print(line) }
  print("seed \("x".hashValue)")
}

private func outputLines(_ bytes: [UInt8]) -> [String] {
  String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}

/// SipHash-1-3 with a key of zeros, as its authors describe it.
private func sipHash13(_ bytes: [UInt8]) -> UInt64 {
  var v: [UInt64] = [0x736f_6d65_7073_6575, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573]
  func rotated(_ x: UInt64, _ bits: UInt64) -> UInt64 { x << bits | x >> (64 - bits) }
  func round() {
    v[0] &+= v[1]
    v[1] = rotated(v[1], 13) ^ v[0]
    v[0] = rotated(v[0], 32)
    v[2] &+= v[3]
    v[3] = rotated(v[3], 16) ^ v[2]
    v[0] &+= v[3]
    v[3] = rotated(v[3], 21) ^ v[0]
    v[2] &+= v[1]
    v[1] = rotated(v[1], 17) ^ v[2]
    v[2] = rotated(v[2], 32)
  }
  func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
  func compress(_ word: UInt64) {
    v[3] ^= word
    round()
    v[0] ^= word
  }
  let whole = bytes.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) { compress(word(bytes[start..<start + 8])) }
  compress(word(bytes[whole...]) | UInt64(bytes.count & 255) << 56)
  v[2] ^= 0xff
  for _ in 0..<3 { round() }
  return v[0] ^ v[1] ^ v[2] ^ v[3]
}
