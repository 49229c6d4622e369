#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

package import MartletCheckpoint
import MartletCore
import MartletLog
import MartletSources
import MartletState
import MartletStreaming

/// Reads a checkpoint without the program that made it, and without changing it; a program may be using it meanwhile.
package struct CheckpointReader {
  package let path: String
  /// The contents of the log; of a damaged log, the readable part.
  package let log: RecoveredCheckpoint
  /// Descriptions of damaged or missing parts.
  package let problems: [String]
  private let observed: ObservedLog

  /// - Throws: `MartletError` if the folder cannot be read, contains no checkpoint, or nothing in it can be read.
  package init(_ path: String) throws {
    self.path = path
    do {
      let found = try LogFolder.readCheckpoint(path)
      guard let log = found.log else {
        throw MartletError(.invalidArgument, "The folder '\(path)' contains no checkpoint.")
      }
      self.log = log
      observed = found.observed
      problems = []
    } catch let error as MartletError where error.code == .corruptData || error.code == .inputOutput {
      observed = try LogFolder.observe(path)
      guard let salvaged = RecoveredCheckpoint.salvaged(observed) else { throw error }
      log = salvaged
      problems = [error.message]
    }
  }

  package func report() throws -> CheckpointReport {
    let header = log.header
    return CheckpointReport(
      path: path, problems: problems, owner: owner(), wasStopped: log.wasStopped,
      batchInterval: .nanoseconds(header.program.batchInterval), zeroTime: log.zeroTime, doneThrough: log.doneThrough,
      plannedThrough: log.plannedThrough, pending: log.pending, inputs: header.program.inputs.map(input),
      operators: try operators(), outputs: header.program.outputs, segments: segments())
  }

  private func owner() -> CheckpointReport.Owner? {
    guard let claim = try? LogFolder.claims(path).max(by: { $0.epoch < $1.epoch }) else { return nil }
    // EPERM: the process exists, but belongs to another user.
    let isAlive = claim.process > 0 && (kill(claim.process, 0) == 0 || errno == EPERM)
    return CheckpointReport.Owner(
      epoch: claim.epoch, process: claim.process, isLocked: LogFolder.isLocked(path), isAlive: isAlive)
  }

  // MARK: Inputs

  private func input(_ input: ProgramFingerprint.Input) -> CheckpointReport.Input {
    let known = log.inputs[input.id]
    let folder = LogFolder.inputFolder(input.filesID, in: path)
    let names = (try? Folder.names(folder)) ?? []
    return CheckpointReport.Input(
      id: input.id, site: input.site, progress: known.flatMap(progress),
      batches: (known?.plans ?? []).map { plan in
        CheckpointReport.Input.Batch(time: plan.time, records: plan.records, contents: contents(plan.bytes.bytes))
      }, keptBytes: names.reduce(0) { $0 + size(of: "\(folder)/\($1)") })
  }

  private func contents(_ bytes: UnsafeRawBufferPointer) -> CheckpointReport.Input.Contents {
    if let files = try? decodedFiles(bytes) { return .files(files) }
    if let plan = try? ReceiverPlan(bytes) { return .stretches(plan.stretches) }
    if let offsets = offsets(bytes) { return offsets }
    return .bytes(bytes.count)
  }

  private func offsets(
    _ bytes: UnsafeRawBufferPointer, onlyLast: Bool = false
  ) -> CheckpointReport.Input.Contents? {
    guard let values = try? OffsetRecord(bytes).values() else { return nil }
    return .offsets(onlyLast ? values.suffix(1) : values)
  }

  /// The progress of an input: its own, and the files of batches since then.
  private func progress(_ known: RecoveredCheckpoint.RecoveredInput) -> CheckpointReport.Input.Contents? {
    guard let buffer = known.progress, buffer.count > 0 else { return nil }
    return withExtendedLifetime(buffer) {
      if let files = try? decodedFiles(buffer.bytes) {
        let since = known.plans.filter { !$0.isIncludedInProgress }.flatMap { plan in
          (try? decodedFiles(plan.bytes.bytes)) ?? []
        }
        return .files(files + since)
      }
      if let progress = try? ReceiverProgress(buffer.bytes) { return .receiver(progress) }
      let last = known.plans.last { !$0.isIncludedInProgress }
      if let offsets = offsets(last?.bytes.bytes ?? buffer.bytes, onlyLast: true) { return offsets }
      return .bytes(buffer.count)
    }
  }

  /// Missing files that unfinished batches must read again.
  package var missingFiles: [String] {
    log.inputs.values.flatMap(\.plans).filter { log.pending.contains($0.time) }.flatMap { plan in
      ((try? decodedFiles(plan.bytes.bytes)) ?? []).map(\.path.text).filter { (try? Folder.nameIsTaken($0)) == false }
    }
  }

  // MARK: State

  private func operators() throws -> [CheckpointReport.Operator] {
    let states = log.states()
    var keys: [String: Set<DynamicValue>] = [:]
    var unreadable: Set<String> = []
    let known = log.header.program.operators
    let replays = Dictionary(known.map { ($0.id, replay($0)) }, uniquingKeysWith: { a, _ in a })
    for (id, records) in states.mapValues({ $0.records.map(\.record) }) {
      guard let replay = replays[id] ?? nil else { continue }
      do {
        for record in records {
          try replay.forEach(record.bytes.bytes, keysOnly: true) { entry in
            if entry.isRemoval { keys[id]?.remove(entry.key) } else { keys[id, default: []].insert(entry.key) }
          }
        }
      } catch {
        unreadable.insert(id)
      }
    }
    return known.map { node in
      let replay = replays[node.id] ?? nil
      return CheckpointReport.Operator(
        id: node.id, name: node.name, site: node.site, operation: node.form.operation, keyType: node.form.keyType,
        stateType: node.form.stateType, keyForm: node.form.key ?? "", stateForm: node.form.state ?? "",
        keyCount: replay == nil || unreadable.contains(node.id) ? nil : keys[node.id]?.count ?? 0,
        logBytes: bytes(states[node.id]?.records), resultBytes: bytes(states[node.id]?.results),
        isKeyReadable: replay?.isKeyReadable ?? false,
        isStateReadable: replay?.isStateReadable ?? false)
    }
  }

  private func bytes(_ records: [RecoveredState.Record]?) -> Int {
    (records ?? []).reduce(0) { $0 + $1.record.bytes.count }
  }

  private func replay(_ node: ProgramFingerprint.Operator) -> DynamicStateReplay? {
    guard let key = node.form.key, let state = node.form.state else { return nil }
    return DynamicStateReplay(keyForm: key, stateForm: state)
  }

  /// The keys of an operator with their states after the last completed batch, in the order of the keys' texts.
  ///
  /// - Parameters:
  ///   - name: the id of the operator, or its name.
  ///   - key: returns only this key: its text, or the JSON of a key that is not a text.
  ///   - limit: the maximum number of entries.
  /// - Returns: the entries, and their number without the limit.
  /// - Throws: `MartletError` if the operator does not exist, or cannot be read.
  package func states(
    of name: String, key: String? = nil, limit: Int = .max
  ) throws -> (entries: [StateEntry], total: Int) {
    let known = log.header.program.operators
    guard let node = known.first(where: { $0.id == name }) ?? known.first(where: { $0.name == name }) else {
      let ids = known.isEmpty ? "It has none." : "It has: \(known.map(\.id).joined(separator: ", "))."
      throw MartletError(.invalidArgument, "The checkpoint '\(path)' has no stateful operator '\(name)'. \(ids)")
    }
    guard let replay = replay(node) else {
      throw MartletError(
        .invalidArgument,
        """
        The state of \(node.id) has a form that this release does not support: keys \(node.form.key ?? "unknown"), \
        states \(node.form.state ?? "unknown").
        """)
    }
    var states: [DynamicValue: (state: DynamicValue, touched: Int64)] = [:]
    do {
      for record in log.stateRecords()[node.id] ?? [] {
        try replay.forEach(record.bytes.bytes) { entry in
          if let key, !entry.key.isNamed(key) { return }
          guard let state = entry.state, let touched = entry.touched else {
            states[entry.key] = nil
            return
          }
          states[entry.key] = (state, touched)
        }
      }
    } catch let error as ByteReader.Malformed {
      throw MartletError(.corruptData, "A record of the state of \(node.id) cannot be read: \(error.reason).")
    }
    let sorted = states.map { (text: $0.key.description, key: $0.key, value: $0.value) }.sorted { $0.text < $1.text }
    let entries = sorted.prefix(max(0, limit)).map {
      StateEntry(key: $0.key, state: $0.value.state, touched: Time(nanoseconds: $0.value.touched))
    }
    return (entries, sorted.count)
  }

  // MARK: Segments

  private func segments() -> [CheckpointReport.Segment] {
    let parts = Dictionary(log.parts.map { ($0.name, $0.length) }, uniquingKeysWith: { a, _ in a })
    let wanted = Set(log.before.map(\.name) + parts.keys)
    let known = observed.segments.union(wanted).sorted()
    return known.map { name in
      let last = log.parts.last?.name
      let size = size(of: "\(path)/\(name)")
      let length = log.before.first { $0.name == name }?.length
      var problem: String?
      if wanted.contains(name) {
        do {
          let bytes = try observed.read(name)
          _ = try CheckpointSegment(name, bytes, length: name == last ? nil : length, path: "\(path)/\(name)")
        } catch {
          // A running program may have removed it by now, but the report is about the state that was read.
          problem = problems.isEmpty ? nil : "\(error)"
        }
      }
      return CheckpointReport.Segment(
        name: name, size: size, counted: parts[name] ?? 0, isNeeded: wanted.contains(name), problem: problem)
    }
  }

  private func size(of path: String) -> Int { (try? SystemFile.read(path).size()) ?? 0 }
}

extension DynamicValue {
  /// Returns true if `key` means this key.
  fileprivate func isNamed(_ key: String) -> Bool {
    if case .string(let text) = self, text == key { return true }
    return description == key
  }
}
