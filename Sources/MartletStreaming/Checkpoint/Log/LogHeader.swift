import MartletCore

/// The beginning of every segment: what the program is, where it stands, and on which segments this one builds.
package struct LogHeader: Sendable, Equatable {
  /// The version of everything in the segment. A later release reads all versions before its own. The second adds what
  /// operators have given to batches: where a program keeps nothing of it, the first is written.
  package static let currentVersion = 2

  package var version: Int
  /// Tells this checkpoint from others.
  package var checkpointID: UInt64
  package var segment: SegmentName
  package var program: ProgramFingerprint
  package var zeroTime: Time
  /// Batches up to this time are done; `zeroTime` if none is.
  package var doneThrough: Time
  /// Batches up to this time have been planned.
  package var plannedThrough: Time
  /// The segments that are to be read before this one, in order, and how many bytes of each count.
  package var before: [SegmentPart]
  /// Folders in which this owner stages what it is about to publish.
  package var stagingFolders: [String]
  /// So many bytes, with copies of plans and the progress of inputs, were on the disk when the segment got its name.
  package var beginning: Int

  package init(
    checkpointID: UInt64, segment: SegmentName, program: ProgramFingerprint, zeroTime: Time, doneThrough: Time,
    plannedThrough: Time, before: [SegmentPart], stagingFolders: [String], beginning: Int = 0
  ) {
    version = program.operators.contains { $0.beginsAnew || $0.resultForm != nil } ? 2 : 1
    self.checkpointID = checkpointID
    self.segment = segment
    self.program = program
    self.zeroTime = zeroTime
    self.doneThrough = doneThrough
    self.plannedThrough = plannedThrough
    self.before = before
    self.stagingFolders = stagingFolders
    self.beginning = beginning
  }

  func write(_ out: ByteBuffer) {
    out.append(variable: UInt64(version))
    out.append(fixed: checkpointID)
    out.append(variable: UInt64(segment.epoch))
    out.append(variable: UInt64(segment.number))
    program.write(out)
    for time in [zeroTime, doneThrough, plannedThrough] { out.append(time) }
    out.append(before) { out, part in
      out.append(variable: UInt64(part.name.epoch))
      out.append(variable: UInt64(part.name.number))
      out.append(variable: UInt64(part.length))
    }
    out.append(stagingFolders) { $0.append($1) }
    out.append(fixed: UInt64(beginning))
    program.writePlaces(out)
    program.writeNamelessIDs(out)
    if version >= 2 { program.writeResults(out) }
  }

  init(_ reader: inout ByteReader) throws {
    version = try reader.integer()
    guard (1...Self.currentVersion).contains(version) else {
      throw ByteReader.Malformed(
        reason: "it was written by a later release: version \(version), this one knows \(Self.currentVersion)")
    }
    checkpointID = try reader.fixed(UInt64.self)
    segment = SegmentName(epoch: try reader.integer(), number: try reader.integer())
    program = try ProgramFingerprint(&reader)
    zeroTime = try reader.time()
    doneThrough = try reader.time()
    plannedThrough = try reader.time()
    before = try reader.list { reader in
      let name = SegmentName(epoch: try reader.integer(), number: try reader.integer())
      return SegmentPart(name: name, length: try reader.integer())
    }
    stagingFolders = try reader.list { try $0.string() }
    // The first checkpoints do not say it.
    guard let beginning = Int(exactly: reader.left > 0 ? try reader.fixed(UInt64.self) : 0) else {
      throw ByteReader.Malformed(reason: "a number in it is too large")
    }
    self.beginning = beginning
    if reader.left > 0 { try program.readPlaces(&reader) }
    if reader.left > 0 { try program.readNamelessIDs(&reader) }
    if version >= 2 { try program.readResults(&reader) }
  }
}

/// A segment, as far as it counts.
package struct SegmentPart: Sendable, Equatable {
  package var name: SegmentName
  package var length: Int

  package init(name: SegmentName, length: Int) {
    self.name = name
    self.length = length
  }
}

extension ProgramFingerprint {
  func write(_ out: ByteBuffer) {
    out.append(fixed: batchInterval)
    out.append(inputs) { out, input in
      out.append(input.id)
      out.append(input.site)
    }
    out.append(operators) { out, node in
      out.append(node.id)
      out.append(node.site)
      out.append(node.form.operation)
      for text in [node.form.key ?? "", node.form.state ?? "", node.form.keyType, node.form.stateType] {
        out.append(text)
      }
    }
    out.append(outputs) { $0.append($1) }
  }

  init(_ reader: inout ByteReader) throws {
    let interval = try reader.fixed(Int64.self)
    let inputs = try reader.list { ProgramFingerprint.Input(id: try $0.string(), site: try $0.string()) }
    let operators = try reader.list { reader in
      let id = try reader.string()
      let site = try reader.string()
      let operation = try reader.string()
      let key = try reader.string()
      let state = try reader.string()
      let form = StateForm(
        operation: operation, key: key.isEmpty ? nil : key, state: state.isEmpty ? nil : state,
        keyType: try reader.string(), stateType: try reader.string())
      return ProgramFingerprint.Operator(id: id, site: site, form: form)
    }
    let outputs = try reader.list { try $0.string() }
    self.init(batchInterval: interval, inputs: inputs, operators: operators, outputs: outputs)
  }
}

extension ProgramFingerprint {
  /// What the first checkpoints do not say of the operators.
  func writePlaces(_ out: ByteBuffer) {
    for node in operators {
      for text in [node.place, node.path, node.formerID ?? ""] { out.append(text) }
      out.append(node.hasInitialStates ? 1 : 0)
    }
  }

  mutating func readPlaces(_ reader: inout ByteReader) throws {
    for index in operators.indices {
      operators[index].place = try reader.string()
      operators[index].statePlace = operators[index].place
      operators[index].path = try reader.string()
      let former = try reader.string()
      operators[index].formerID = former.isEmpty ? nil : former
      operators[index].hasInitialStates = try reader.fixed(UInt8.self) != 0
    }
  }
}

extension ProgramFingerprint {
  /// What became known of inputs and operators later still.
  func writeNamelessIDs(_ out: ByteBuffer) {
    for input in inputs {
      out.append(input.place)
      out.append(input.filesID)
    }
    for node in operators { out.append(node.statePlace) }
  }

  mutating func readNamelessIDs(_ reader: inout ByteReader) throws {
    for index in inputs.indices {
      inputs[index].place = try reader.string()
      inputs[index].filesID = try reader.string()
    }
    for index in operators.indices { operators[index].statePlace = try reader.string() }
  }
}

extension ProgramFingerprint {
  /// What only the second version says of the operators.
  func writeResults(_ out: ByteBuffer) {
    for node in operators {
      out.append(node.beginsAnew ? 1 : 0)
      out.append(node.resultForm ?? "")
    }
  }

  mutating func readResults(_ reader: inout ByteReader) throws {
    for index in operators.indices {
      operators[index].beginsAnew = try reader.fixed(UInt8.self) != 0
      let form = try reader.string()
      operators[index].resultForm = form.isEmpty ? nil : form
    }
  }
}

extension ByteBuffer {
  /// Appends how many items there are, then each.
  func append<Item>(_ items: [Item], _ write: (ByteBuffer, Item) -> Void) {
    append(variable: UInt64(items.count))
    for item in items { write(self, item) }
  }
}

extension ByteReader {
  /// Reads what `append` of a list has written.
  mutating func list<Item>(_ read: (inout ByteReader) throws -> Item) throws -> [Item] {
    let count = try count()
    var items: [Item] = []
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }
}
