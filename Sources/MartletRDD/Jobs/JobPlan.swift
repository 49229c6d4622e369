public import MartletCore

/// A part of a job in which no element leaves its partition: one task for each partition.
public struct Stage: Sendable, Hashable, Codable {
  /// What the tasks of a stage make.
  public enum Output: String, Sendable, Hashable, Codable {
    /// What the action returns.
    case result
    /// The elements, moved to the partitions of their keys.
    case shuffle
    /// The elements, retained for this job and later ones.
    case retained
    /// A few facts that the rest of the job needs: how many elements there are, a sample of the keys.
    case facts
    /// State, changed.
    case state
  }

  /// The position of the stage in its plan, from 0. Stages come after those that they read.
  public let id: Int
  /// The operator or action that the tasks end with.
  public let name: String
  /// The line of the program that called it.
  public let callSite: CallSite
  /// How many tasks it has; `nil` if earlier stages decide that.
  public let partitionCount: Int?
  /// The stages that must have ended before it: it reads what they made.
  public let inputs: [Int]
  /// What else it reads: the sources, and what earlier jobs have made.
  public let sources: [String]
  public let output: Output
}

/// What a job does, before it does it: its stages, in an order in which they can run. The last one is that of the action.
///
/// ```swift
/// let counts = words.map { ($0, 1) }.reduceByKey(+)
/// print(counts.plan())
/// // stage 0: reduceByKey at Words/main.swift:4, 8 tasks, reads textFile [0] at Words/main.swift:3, makes shuffle
/// // stage 1: collect at Words/main.swift:5, 8 tasks, reads stage 0, makes result
/// ```
public struct JobPlan: Sendable, Hashable, CustomStringConvertible {
  public let stages: [Stage]

  public var description: String {
    stages.map { stage in
      let count = stage.partitionCount.map { ", \($0) task\($0 == 1 ? "" : "s")" } ?? ""
      let reads = (stage.inputs.map { "stage \($0)" } + stage.sources).joined(separator: ", ")
      return """
        stage \(stage.id): \(stage.name) at \(stage.callSite)\(count), \(reads.isEmpty ? "" : "reads \(reads), ")\
        makes \(stage.output.rawValue)
        """
    }.joined(separator: "\n")
  }
}

extension RDD {
  /// What an action on all partitions of this RDD would run. Lists the files of sources; runs no task.
  public final func plan(file: StaticString = #fileID, line: UInt = #line) -> JobPlan {
    PlannedStages(of: self, for: OperatorSite("plan", file, line)).plan
  }
}

/// The RDDs that must be made ready before tasks can read one of them, parents first.
///
/// Lineages may be very long. So nothing here calls itself along one.
struct JobSteps {
  let steps: [any Lineage]

  /// - Parameter ignoresCache: whether `root` must be ready to be computed though all of its partitions are cached.
  init(_ root: any Lineage, ignoresCache: Bool = false) {
    if root.isReady || (root.isFullyCached && !ignoresCache) {
      steps = []
      return
    }
    let mark = StepMark.next()
    var steps: [any Lineage] = []
    var open: [(step: any Lineage, isVisited: Bool)] = [(root, false)]
    while let (step, isVisited) = open.popLast() {
      if isVisited {
        steps.append(step)
      } else if step.isNew(mark) {
        open.append((step, true))
        step.visitParents { parent in
          if !parent.isReady && !parent.isFullyCached { open.append((parent, false)) }
        }
      }
    }
    self.steps = steps
  }
}

/// The stages of a job, and the RDDs that they belong to.
struct PlannedStages {
  private(set) var plan = JobPlan(stages: [])
  /// The numbers of the stages that an RDD needs run before it can be read, in order.
  private(set) var ids: [ObjectIdentifier: [Int]] = [:]

  /// What tasks read that compute an RDD.
  private struct Reading {
    /// Their numbers.
    var stages: Set<Int> = []
    /// Their places in the list of all sources.
    var sources: Set<Int> = []
  }

  /// Those of a job that is not planned.
  init() {}

  init(of root: any Lineage, for action: OperatorSite) {
    var readings: [ObjectIdentifier: Reading] = [:]
    var stages: [Stage] = []
    var sources: [String] = []
    func source(_ step: any Lineage) -> Reading {
      sources.append(step.summary)
      return Reading(sources: [sources.count - 1])
    }
    func addStage(_ site: OperatorSite, _ count: Int?, _ reading: Reading, _ output: Stage.Output) -> Int {
      stages.append(
        Stage(
          id: stages.count, name: site.name, callSite: site.callSite, partitionCount: count,
          inputs: reading.stages.sorted(), sources: reading.sources.sorted().map { sources[$0] }, output: output))
      return stages.count - 1
    }
    var open: [(step: any Lineage, isVisited: Bool)] = [(root, false)]
    while let (step, isVisited) = open.popLast() {
      let key = ObjectIdentifier(step)
      if !isVisited {
        guard readings[key] == nil else { continue }
        if step.isFullyCached {
          readings[key] = source(step)
        } else {
          open.append((step, true))
          step.visitParents { open.append(($0, false)) }
        }
        continue
      }
      guard readings[key] == nil else { continue }
      var reading = Reading()
      var parents: [any Lineage] = []
      step.visitParents { parent in
        parents.append(parent)
        let other = readings[ObjectIdentifier(parent)] ?? Reading()
        reading.stages.formUnion(other.stages)
        reading.sources.formUnion(other.sources)
      }
      if parents.isEmpty && (step.isReady || step.stageOutputs.isEmpty) { reading = source(step) }
      if !step.isReady {
        let count = parents.count == 1 ? countPartitions(of: parents[0]) : countPartitions(of: step)
        for output in step.stageOutputs {
          let id = addStage(step.site, count, reading, output)
          ids[key, default: []].append(id)
          // Facts help to read the same elements; everything else takes their place.
          reading = output == .facts ? reading : Reading()
          reading.stages.insert(id)
        }
      }
      readings[key] = reading
    }
    _ = addStage(action, countPartitions(of: root), readings[ObjectIdentifier(root)] ?? Reading(), .result)
    plan = JobPlan(stages: stages)
  }
}
