import MartletCore
import MartletState
import TestSupport
import Testing

@Suite struct StateLogTests {
  @Test func `Replaying the changes of all batches gives the state`() throws {
    let codec = try #require(StateCodec<Text, [Int]>())
    var random = TestRandom(seed: 5)
    var table = StateTable<Text, [Int]>(timeout: 1000, limit: 32)
    let log = StateLog(codec, StateComparison<[Int]>())
    table.keepLog(log)
    var records: [ByteBuffer] = []
    for time in Int64(1)...60 {
      table.begin(time)
      for _ in 0..<100 {
        let key = Text("a key of some length: \(Int.random(in: 0..<400, using: &random))")
        if Bool.random(using: &random) { try table.put(key, [Int(time)]) } else { try table.remove(key) }
      }
      try table.end()
      records.append(try #require(log.take()).bytes)
    }
    try expectSame(try replayed(records, codec), table)
  }

  @Test func `Replaying the records since the beginning of the last complete cycle gives the state`() throws {
    let codec = try #require(StateCodec<Int, Text>())
    var random = TestRandom(seed: 6)
    var table = StateTable<Int, Text>(limit: 64)
    let log = StateLog(codec, StateComparison<Text>())
    table.keepLog(log)
    var records: [ByteBuffer] = []
    var cycle = 0
    var cursor = 0
    var began = 0
    var lastWhole = 0
    var pieces = 0
    for time in Int64(1)...400 {
      if cycle == 0 || cursor >= table.tableCount {
        lastWhole = began
        cycle += 1
        cursor = 0
        began = records.count
      }
      table.begin(time)
      for _ in 0..<40 {
        // The range grows, so that sub-tables split in the middle of cycles.
        let key = Int.random(in: 0..<Int(time) * 20, using: &random)
        if Int.random(in: 0..<3, using: &random) > 0 {
          try table.put(key, Text("a state of batch \(time)"))
        } else {
          try table.remove(key)
        }
      }
      try table.end()
      records.append(try #require(log.take()).bytes)
      var budget = 2000
      let piece = try table.snapshot(cycle, from: &cursor, codec) { bytes in
        defer { budget -= bytes }
        return budget > 0
      }
      if let piece {
        pieces += 1
        records.append(piece.bytes)
      }
      if time % 20 == 0 { try expectSame(try replayed(Array(records[lastWhole...]), codec), table) }
    }
    #expect(cycle > 3 && pieces > 3 * cycle && lastWhole > 0)
  }

  @Test func `A batch with many changes makes several records, none of them large`() throws {
    let codec = try #require(StateCodec<Int, Int>())
    var table = StateTable<Int, Int>()
    let log = StateLog(codec, StateComparison<Int>())
    table.keepLog(log)
    for key in 0..<50_000 { try table.put(key, key) }
    for key in 0..<20_000 { try table.remove(key) }
    try table.end()
    var records: [StateRecordBytes] = []
    while let record = log.take() { records.append(record) }
    #expect(records.count > 4 && records.allSatisfy { $0.bytes.count < 400 << 10 })
    #expect(records.reduce(0) { $0 + $1.keysSet } == 50_000 && records.reduce(0) { $0 + $1.keysRemoved } == 20_000)
    try expectSame(try replayed(records.map(\.bytes), codec), table)
    var cursor = 0
    var snapshots: [StateRecordBytes] = []
    while let record = try table.snapshot(1, from: &cursor, codec, takeBudget: { _ in true }) {
      snapshots.append(record)
    }
    #expect(snapshots.count > 1 && snapshots.allSatisfy { $0.bytes.count < 400 << 10 })
    #expect(snapshots.reduce(0) { $0 + $1.keysSet } == 30_000)
    try expectSame(try replayed(snapshots.map(\.bytes), codec), table)
  }

  @Test func `States that have not changed are not written`() throws {
    try expectUnwritten(["a": 1, "b": 2], ["a": 1, "b": 3])
    try expectUnwritten(["a": "x", "b": "y"], ["a": "x", "b": "z"])
    try expectUnwritten(["a": "a text of some length" as Text, "b": "y"], ["a": "a text of some length", "b": "z"])
    try expectUnwritten(["a": [1, 2], "b": []], ["a": [1, 2], "b": [3]])
    try expectUnwritten(["a": ("x", 1), "b": ("y", 1)], ["a": ("x", 1), "b": ("y", 2)])
  }

  @Test func `Equal states with different contents are written`() throws {
    func note(_ text: String) -> Noted { Noted(id: 1, note: text) }
    try expectUnwritten(["a": note("x"), "b": note("y")], ["a": note("x"), "b": note("yy")])
    try expectUnwritten(["a": [note("x")], "b": [note("y")]], ["a": [note("x")], "b": [note("yy")]])
    try expectUnwritten(
      ["a": [1: note("x")] as [Int: Noted]?, "b": [1: note("y")]], ["a": [1: note("x")], "b": [1: note("yy")]])
    try expectUnwritten(
      ["a": Set([note("x")]), "b": Set([note("y")])], ["a": Set([note("x")]), "b": Set([note("yy")])])
    try expectUnwritten(["a": Remark.text("x"), "b": .text("y")], ["a": .text("x"), "b": .text("yy")])
    // The same letter, written as one character and as two.
    try expectUnwritten(["a": "x", "b": "a long text of \u{E9}"], ["a": "x", "b": "a long text of e\u{301}"])
    try expectUnwritten(["a": ["x"], "b": ["\u{E9}"]], ["a": ["x"], "b": ["e\u{301}"]])
  }

  @Test func `The last change counts for a key that is removed and set in the same batch`() throws {
    let codec = try #require(StateCodec<Int, Int>())
    var table = StateTable<Int, Int>()
    let log = StateLog(codec, StateComparison<Int>())
    table.keepLog(log)
    for key in 0..<6 { try table.put(key, key) }
    for key in 0..<4 { try table.remove(key) }
    for key in 0..<2 { try table.put(key, 10 + key) }
    try table.remove(0)
    try table.end()
    let made = try #require(log.take())
    try expectSame(try replayed([made.bytes], codec), table)
    #expect(table.get(0) == nil && table.get(1) == 11 && table.get(2) == nil && table.get(5) == 5)
  }

  @Test("A key is written at most twice in a batch, however often it changes", arguments: [nil, 1000] as [Int64?])
  func writtenTwiceAtMost(timeout: Int64?) throws {
    let codec = try #require(StateCodec<Int, Int>())
    var random = TestRandom(seed: 7)
    var table = StateTable<Int, Int>(timeout: timeout, limit: 32)
    let log = StateLog(codec, StateComparison<Int>())
    table.keepLog(log)
    var records: [ByteBuffer] = []
    // Batches of very different sizes, of which the last is empty.
    for (time, keys) in [3, 5000, 1, 40, 900, 2, 0].enumerated() {
      table.begin(Int64(time))
      var live: Set<Int> = []
      for _ in 0..<keys * 6 {
        let key = Int.random(in: 0..<keys, using: &random)
        let value = Int.random(in: 0..<1_000_000_000, using: &random)
        let isRemoved = Int.random(in: 0..<5, using: &random) == 0
        if isRemoved { live.remove(key) } else { live.insert(key) }
        let pair = UnsafeMutablePointer<(Int, Int)>.allocate(capacity: 1)
        defer { pair.deallocate() }
        pair.initialize(to: (key, value))
        try table.updateEach(pair, 1) { _, value, _ in isRemoved ? .removed : .set(value) }
      }
      try table.end()
      var written = 0
      while let record = log.take() {
        written += record.keysSet
        records.append(record.bytes)
      }
      #expect(written >= live.count && written <= 2 * keys)
      try expectSame(try replayed(records, codec), table)
    }
  }

  @Test func `Tags are kept once, in their order`() {
    let set = TagSet()
    var random = TestRandom(seed: 8)
    for size in [10, 100_000, 0, 3, 20_000, 1, 1, 1, 1, 1, 1, 1, 2000] {
      var expected: [UInt32] = []
      var seen: Set<UInt32> = []
      for i in 0..<size {
        // Includes 0, and neighbors, which are searched for in the same places.
        let tag = i % 7 == 0 ? UInt32(i % 40) : UInt32.random(in: 0...UInt32.max, using: &random) % UInt32(size * 2)
        let isNew = seen.insert(tag).inserted
        if isNew { expected.append(tag) }
        #expect(set.insert(tag) == isNew)
        #expect(!set.insert(tag))
      }
      #expect(Array(UnsafeBufferPointer(start: set.tags, count: set.count)) == expected)
      set.removeAll()
      #expect(set.count == 0)
    }
  }

  @Test func `Bytes that are not a record are refused`() throws {
    let codec = try #require(StateCodec<Text, Int>())
    var table = StateTable<Text, Int>()
    let log = StateLog(codec, StateComparison<Int>())
    table.keepLog(log)
    for key in 0..<50 { try table.put(Text("key number \(key)"), key) }
    try table.end()
    let bytes = Array(try #require(log.take()).bytes.bytes)
    #expect(bytes.count > 500)
    for length in 0..<bytes.count {
      // A record that is only a version byte is complete, and empty.
      if length == 1 { continue }
      let torn = ByteBuffer()
      torn.append(Array(bytes[..<length]), count: length)
      #expect(throws: ByteReader.Malformed.self) { _ = try replayed([torn], codec) }
    }
    // The bytes before the keys.
    for position in 0..<10 {
      let flipped = ByteBuffer()
      flipped.append(bytes, count: bytes.count)
      flipped.replace(at: position, with: ~bytes[position])
      #expect(throws: ByteReader.Malformed.self) { _ = try replayed([flipped], codec) }
    }
  }
}

/// A value that `==` compares only by its number.
private struct Noted: Codable, Hashable, Sendable {
  var id: Int
  var note: String
  static func == (a: Noted, b: Noted) -> Bool { a.id == b.id }
  func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

private enum Remark: Codable, Equatable, Sendable {
  case text(String)
  case none
  static func == (a: Remark, b: Remark) -> Bool { true }
}

private func expectUnwritten<State>(_ first: [Text: State], _ second: [Text: State]) throws {
  let codec = try #require(StateCodec<Text, State>())
  var table = StateTable<Text, State>()
  let log = StateLog(codec, StateComparison<State>())
  table.keepLog(log)
  for (key, state) in first { try table.put(key, state) }
  try table.end()
  #expect(log.take()?.keysSet == 2)
  for (key, state) in second { try table.put(key, state) }
  try table.end()
  #expect(log.take()?.keysSet == 1, "\(State.self)")
  for (key, state) in second { try table.put(key, state) }
  try table.end()
  #expect(log.take() == nil, "\(State.self)")
}

private func replayed<Key: Hashable, State>(
  _ records: [ByteBuffer], _ codec: StateCodec<Key, State>
) throws -> [Key: State] {
  var table = StateTable<Key, State>(limit: 16)
  for record in records {
    var replay = try StateReplay<Key, State>(record.bytes, codec)
    while let frame = try replay.next() {
      _ = try table.apply(frame, isOwn: { _ in true }, skipsOthers: false)
    }
  }
  return contents(table)
}

private func contents<Key: Hashable, State>(_ table: borrowing StateTable<Key, State>) -> [Key: State] {
  var all: [Key: State] = [:]
  for number in 0..<table.tableCount {
    for i in 0..<table[number].count {
      let (key, state) = table[number].entries[i]
      all[key] = state
    }
  }
  return all
}

private func expectSame<Key: Hashable, State: Equatable>(
  _ replayed: [Key: State], _ table: borrowing StateTable<Key, State>,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(replayed == contents(table), sourceLocation: sourceLocation)
}
