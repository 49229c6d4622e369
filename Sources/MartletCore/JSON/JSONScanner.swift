// Unsafe code. Invariant: at least 16 readable bytes follow `end`, and `p` is dereferenced only before `end`. `nodes` has
// space for `capacity` nodes, of which the first `count` are initialised; `levels` has space for `maximumDepth`.

import CMartlet

/// Finds the values in the text of a record, and checks all of it.
///
/// The text is JSON as RFC 8259 defines it, and valid UTF-8. A byte order mark before it is ignored. Of the fields of an
/// object with the same name the first counts, as for Foundation's decoder.
struct JSONScanner {
  /// The deepest nesting of objects and arrays: that of Foundation's decoder.
  static let maximumDepth = 512
  /// The number of fields up to which names are compared with each other.
  private static let comparedKeys = 32

  /// An object or array that is not complete.
  struct Level {
    var node = 0
    /// The number of fields or items.
    var count = 0
    /// A bit for each name: if it is not set, there was no such name.
    var seen: UInt64 = 0
    var isObject = false
  }

  private let base: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>
  private var p: UnsafePointer<UInt8>
  private(set) var nodes: UnsafeMutablePointer<JSONNode>
  private(set) var count = 0
  private(set) var capacity: Int
  private let levels: UnsafeMutablePointer<Level>

  init(
    _ base: UnsafePointer<UInt8>, count: Int, nodes: UnsafeMutablePointer<JSONNode>, capacity: Int,
    levels: UnsafeMutablePointer<Level>
  ) {
    self.base = base
    end = base + count
    p = base
    self.nodes = nodes
    self.capacity = capacity
    self.levels = levels
  }

  /// Finds all values. If the text is no JSON, `nodes` and `capacity` are valid, and the nodes are not.
  mutating func scan() throws(JSONSyntaxError) {
    guard end - base < Int(UInt32.max) else { throw fault(base, "the text is longer than 4 GB") }
    if end - p >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF { p += 3 }
    skipSpace()
    if p == end { throw fault(p, "the text is empty") }
    var depth = 0
    var level = Level()
    while true {
      // A value begins.
      if count &+ 2 > capacity { grow() }
      let byte = next
      let start = p - base
      switch byte {
      case UInt8(ascii: "\""):
        p += 1
        let (size, isEscaped) = try string()
        append(.string, start &+ 1, size, isEscaped)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if depth == Self.maximumDepth {
          throw fault(p, "objects and arrays are nested more than \(Self.maximumDepth) levels deep")
        }
        levels[depth] = level
        depth &+= 1
        level = Level(node: count, isObject: byte == UInt8(ascii: "{"))
        append(level.isObject ? .object : .array, start, 0, false)
        p += 1
        skipSpace()
        if next != (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          if level.isObject { try key(&level) } else { level.count = 1 }
          continue
        }
        p += 1
        close(&level, &depth)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
      case UInt8(ascii: "t"): try literal("true", .true)
      case UInt8(ascii: "f"): try literal("false", .false)
      case UInt8(ascii: "n"): try literal("null", .null)
      default: throw unexpected("a value")
      }
      // A value has ended.
      while depth > 0 {
        skipSpace()
        let byte = next
        if byte == UInt8(ascii: ",") {
          p += 1
          skipSpace()
          if level.isObject { try key(&level) } else { level.count &+= 1 }
          break
        }
        guard byte == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw unexpected(level.isObject ? "a comma or '}'" : "a comma or ']'")
        }
        p += 1
        close(&level, &depth)
      }
      if depth == 0 {
        skipSpace()
        if p < end { throw unexpected("the end of the text") }
        return
      }
    }
  }

  /// The next byte; 0, which is nowhere valid, at the end.
  @inline(__always) private var next: UInt8 { p < end ? p.pointee : 0 }

  @inline(__always)
  private mutating func append(_ kind: JSONNode.Kind, _ position: Int, _ payload: Int, _ isEscaped: Bool) {
    var node = JSONNode(kind, position, UInt64(truncatingIfNeeded: payload))
    node.isEscaped = isEscaped
    (nodes + count).initialize(to: node)
    count &+= 1
  }

  @inline(__always)
  private mutating func skipSpace() {
    while p < end {
      let byte = p.pointee
      if byte > 0x20 || byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 { return }
      p += 1
    }
  }

  @inline(__always)
  private mutating func close(_ level: inout Level, _ depth: inout Int) {
    nodes[level.node].end = count
    nodes[level.node].mark = level.isObject ? level.node &+ 1 : level.count
    if level.isObject && level.count > Self.comparedKeys { shadowDuplicates(in: level.node) }
    depth &-= 1
    level = levels[depth]
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: nodes, count: count)
    nodes.deallocate()
    nodes = larger
    capacity *= 2
  }

  private mutating func literal(_ text: StaticString, _ kind: JSONNode.Kind) throws(JSONSyntaxError) {
    let size = text.utf8CodeUnitCount
    guard end - p >= size, martlet_compare(p, text.utf8Start, size) == 0 else { throw unexpected("a value") }
    append(kind, p - base, 0, false)
    p += size
  }

  // MARK: Names

  /// The name of the next field, and the colon.
  @inline(__always)
  private mutating func key(_ level: inout Level) throws(JSONSyntaxError) {
    guard next == UInt8(ascii: "\"") else { throw unexpected("the name of a field in quotes") }
    if count &+ 2 > capacity { grow() }
    p += 1
    let start = p
    let (size, isEscaped) = try string()
    append(.key, start - base, size, isEscaped)
    if level.count < Self.comparedKeys {
      let mixed = UInt64(start[0]) &+ UInt64(p[-2]) &<< 8 &+ UInt64(truncatingIfNeeded: size) &<< 16
      let bit: UInt64 = 1 &<< ((mixed &* 0x9E37_79B9_7F4A_7C15) &>> 58)
      if level.seen & bit != 0 || isEscaped { shadowIfDuplicate(count &- 1, in: level.node) }
      // The bytes of a name with escapes do not show whether another one is equal.
      level.seen |= isEscaped ? ~0 : bit
    }
    level.count &+= 1
    skipSpace()
    guard next == UInt8(ascii: ":") else { throw unexpected("a colon") }
    p += 1
    skipSpace()
  }

  @inline(never)
  private func shadowIfDuplicate(_ key: Int, in object: Int) {
    var other = object + 1
    while other < key {
      if areEqual(other, key) {
        nodes[key].isShadowed = true
        return
      }
      other = jsonIndex(after: other + 1, in: nodes)
    }
  }

  /// Finds the names that occur again in an object with many fields.
  @inline(never)
  private func shadowDuplicates(in object: Int) {
    var keys: [(hash: UInt64, node: Int)] = []
    keys.reserveCapacity(64)
    var key = object + 1
    while key < nodes[object].end {
      let node = nodes[key]
      let hash =
        node.isEscaped
        ? JSONStrings.unescaped(base + node.offset, node.count).withUnsafeBufferPointer { bytes in
          bytes.baseAddress.map { hashBytes($0, count: bytes.count, seed: processSeed) }
            ?? hashBytes(base, count: 0, seed: processSeed)
        }
        : hashBytes(base + node.offset, count: node.count, seed: processSeed)
      keys.append((hash, key))
      key = jsonIndex(after: key + 1, in: nodes)
    }
    keys.sort { $0 < $1 }
    for i in keys.indices.dropFirst() where keys[i].hash == keys[i - 1].hash {
      // Different names with one hash are not next to each other for long: their number is bounded by chance.
      var j = i - 1
      while j >= 0 && keys[j].hash == keys[i].hash {
        if areEqual(keys[j].node, keys[i].node) {
          nodes[keys[i].node].isShadowed = true
          break
        }
        j -= 1
      }
    }
  }

  private func areEqual(_ a: Int, _ b: Int) -> Bool {
    let (a, b) = (nodes[a], nodes[b])
    if a.isEscaped || b.isEscaped {
      return JSONStrings.unescaped(base, a) == JSONStrings.unescaped(base, b)
    }
    return a.count == b.count && martlet_compare(base + a.offset, base + b.offset, a.count) == 0
  }

  // MARK: Strings and numbers

  /// The rest of a string after its quote: the number of its bytes, and whether it has escapes.
  @inline(__always)
  private mutating func string() throws(JSONSyntaxError) -> (count: Int, isEscaped: Bool) {
    let start = p
    p += martlet_json_plain16(p)
    if p < end && p.pointee == UInt8(ascii: "\"") {
      p += 1
      return (p - start &- 1, false)
    }
    return try longString(start)
  }

  @inline(never)
  private mutating func longString(_ start: UnsafePointer<UInt8>) throws(JSONSyntaxError) -> (Int, Bool) {
    var isEscaped = false
    while true {
      guard p < end else { throw fault(start - 1, "the string has no end") }
      switch p.pointee {
      case UInt8(ascii: "\""):
        p += 1
        return (p - start - 1, isEscaped)
      case UInt8(ascii: "\\"):
        isEscaped = true
        guard let size = JSONStrings.escapeSize(p, end) else {
          throw fault(p, "the escape is none of JSON's, or half of a character")
        }
        p += size
      case 0..<0x20: throw fault(p, "a control character in a string is not escaped")
      default: break
      }
      if p < end { p += martlet_json_plain16(p) }
    }
  }

  @inline(__always)
  private mutating func number() throws(JSONSyntaxError) {
    let start = p
    let isNegative = p.pointee == UInt8(ascii: "-")
    if isNegative { p += 1 }
    let first = p
    var magnitude: UInt64 = 0
    while p < end {
      let digit = p.pointee &- 0x30
      if digit > 9 { break }
      magnitude = magnitude &* 10 &+ UInt64(digit)
      p += 1
    }
    let digits = p - first
    if digits == 0 { throw unexpected("a digit") }
    if first.pointee == UInt8(ascii: "0") && digits > 1 { throw fault(start, "the number begins with a zero") }
    let byte = next
    if byte != UInt8(ascii: ".") && byte | 0x20 != UInt8(ascii: "e") && digits <= 18
      && !(isNegative && magnitude == 0)
    {
      append(.integer, start - base, Int(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude), false)
      return
    }
    if byte == UInt8(ascii: ".") {
      p += 1
      try digitsOfNumber()
    }
    if next | 0x20 == UInt8(ascii: "e") {
      p += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { p += 1 }
      try digitsOfNumber()
    }
    append(.number, start - base, p - start, false)
  }

  @inline(__always)
  private mutating func digitsOfNumber() throws(JSONSyntaxError) {
    let first = p
    while p < end && p.pointee &- 0x30 <= 9 { p += 1 }
    if p == first { throw unexpected("a digit") }
  }

  // MARK: Faults

  @inline(never)
  private func fault(_ place: UnsafePointer<UInt8>, _ message: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: place - base, message: message)
  }

  @inline(never)
  private func unexpected(_ wanted: String) -> JSONSyntaxError {
    guard p < end else { return fault(end, "the text ends where \(wanted) is required") }
    // The bytes are valid UTF-8, in which a character has at most four.
    let rest = String(decoding: UnsafeBufferPointer(start: p, count: min(4, end - p)), as: UTF8.self)
    let found = rest.unicodeScalars.first.map { String($0).debugDescription } ?? "nothing"
    return fault(p, "\(wanted) is required, not \(found)")
  }
}

/// The index of the node after a value and everything in it.
@inline(__always)
func jsonIndex(after value: Int, in nodes: UnsafeMutablePointer<JSONNode>) -> Int {
  let node = nodes[value]
  return node.kind == .object || node.kind == .array ? node.end : value &+ 1
}
