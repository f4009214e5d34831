"""Trains the bench's decoder with PyTorch on CPU, as fast as PyTorch 1.13 can be made to.

Driven by lines on standard input, so that it can be interleaved with others: `step N` trains N steps and answers one
line of JSON with the seconds they took and their losses; `profile N` answers the time by operator. Between lines it
waits without using a core. The one argument is the task as JSON; the bench's torch.ts says what is in it.

Weights and gradients are one flat vector each, in memory that all processes share. With two processes, each takes
half of the batch, then adds up both gradients and updates the weights for half of the vector (ZeRO-1): nothing is
sent and nothing is computed twice.
"""

import json
import struct
import sys
import time

import numpy
import torch
import torch.multiprocessing
from torch_decoder import decoders

torch.set_flush_denormal(True)


def read_safetensors(path):
    """The tensors of a file by name, as views of its bytes. Only float32 is needed here."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}"
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(data, dtype=torch.float32, offset=start, count=(end - start) // 4).view(
            entry["shape"]
        )
    return tensors


def load(decoder, weights, flat):
    """Fills the flat vector from the file's tensors, those used together side by side."""
    views = decoder.views(flat)
    size = decoder.model["width"] // decoder.model["heads"]
    names = decoder.model["names"]

    def paired(weight):
        """(inputs, outputs): columns in the order of the file's rotary convention -> neighbours that turn together."""
        if decoder.model["rotaryPairs"] == "neighbours":
            return weight
        halves = weight.view(weight.shape[0], -1, 2, size // 2)
        return halves.transpose(2, 3).reshape(weight.shape)

    views["embedding"].copy_(weights[names["embedding"]])
    views["head"].copy_(weights[names["head"]].t())
    views["norm"].copy_(weights[names["norm"]])
    for i in range(decoder.model["layers"]):
        # Files hold matrices as (outputs, inputs).
        of = {key: weights[name.replace("{}", str(i))].t() for key, name in names["layer"].items()}
        views[f"{i}.qkv"].copy_(torch.cat([paired(of["query"]), paired(of["key"]), of["value"]], 1))
        views[f"{i}.in"].copy_(torch.cat([of["gate"], of["up"]], 1))
        for key in ("out", "down", "norm1", "norm2"):
            views[f"{i}.{key}"].copy_(of[key])


class AdamW:
    """torch.optim.AdamW's arithmetic on a stretch of the flat vector, in pieces that stay in the cache."""

    def __init__(self, values, start, end, decayed, options, piece):
        self.first = torch.zeros(end - start)
        self.second = torch.zeros(end - start)
        self.space = torch.empty(piece)
        self.options = options
        self.steps = 0
        self.pieces = []
        edges = sorted({start, end, *range(start, end, piece), *([decayed] if start < decayed < end else [])})
        for a, b in zip(edges, edges[1:]):
            state = slice(a - start, b - start)
            self.pieces.append(
                (a, b, values[a:b], self.first[state], self.second[state], self.space[: b - a], a < decayed)
            )

    def step(self, gradients):
        """`gradients`: flat vectors of which the sum is the gradient."""
        o = self.options
        self.steps += 1
        rate, beta1, beta2 = o["learningRate"], o["beta1"], o["beta2"]
        step = -rate / (1 - beta1**self.steps)
        correction = (1 - beta2**self.steps) ** -0.5
        for start, end, values, first, second, space, decays in self.pieces:
            gradient = gradients[0][start:end]
            for other in gradients[1:]:
                gradient = torch.add(gradient, other[start:end], out=space)
            if decays:
                values.mul_(1 - rate * o["weightDecay"])
            first.lerp_(gradient, 1 - beta1)
            second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
            torch.sqrt(second, out=space)
            space.mul_(correction).add_(o["epsilon"])
            values.addcdiv_(first, space, value=step)


class Trainer:
    """One of the processes. `values` and all `gradients` are flat vectors that all processes share."""

    def __init__(self, task, rank, values, gradients, barrier, losses):
        torch.set_num_threads(task["threads"])
        tuning = task["tuning"]
        self.rank, self.count = rank, task["processes"]
        self.decoder = decoders[task["form"]](task["model"], tuning)
        self.values, self.gradients = values, gradients
        self.barrier, self.losses = barrier, losses
        if rank == 0:
            load(self.decoder, read_safetensors(task["weights"]), values)
        self.parameters = self.decoder.views(values.detach())
        self.sums = self.decoder.views(gradients[rank])
        self.decoder.begin(self.parameters, self.sums)

        length, batch = task["model"]["length"], task["batch"]
        tokens = torch.from_numpy(numpy.fromfile(task["batches"], dtype=numpy.int32)).long()
        self.batches = tokens.view(-1, 2, batch, length)
        self.microbatches = tuning["microbatches"]
        self.weight = 1 / (batch * length)
        self.own = slice(rank * batch // self.count, (rank + 1) * batch // self.count)
        half = self.decoder.length // self.count
        share = (rank * half, self.decoder.length if rank == self.count - 1 else (rank + 1) * half)
        self.optimizer = AdamW(values, *share, self.decoder.decayed, task["optimizer"], tuning["piece"])
        self.done = 0
        self.barrier.wait()

    def step(self):
        ids, targets = (half[self.own] for half in self.batches[self.done % len(self.batches)])
        self.done += 1
        loss = 0.0
        size = ids.shape[0] // self.microbatches
        for i in range(self.microbatches):
            part = slice(i * size, (i + 1) * size)
            loss += self.decoder.loss_and_gradients(
                self.parameters, self.sums, ids[part], targets[part], self.weight, i == 0
            )
        self.losses[self.rank] = loss
        self.barrier.wait()
        total = float(self.losses.sum())
        with torch.no_grad():
            self.optimizer.step(self.gradients)
        self.barrier.wait()
        return total


class NoBarrier:
    def wait(self):
        pass


def follow(task, rank, values, gradients, barrier, losses, pipe):
    """A process beside the first: trains when it is told to."""
    trainer = Trainer(task, rank, values, gradients, barrier, losses)
    while True:
        try:
            count = pipe.recv()
        except EOFError:
            return
        for _ in range(count):
            trainer.step()


def main():
    task = json.loads(sys.argv[1])
    count = task["processes"]
    length = decoders[task["form"]](task["model"], task["tuning"]).length
    values = torch.zeros(length).share_memory_()
    gradients = [torch.zeros(length).share_memory_() for _ in range(count)]
    losses = torch.zeros(count, dtype=torch.float64).share_memory_()
    context = torch.multiprocessing.get_context("spawn")
    barrier = context.Barrier(count) if count > 1 else NoBarrier()
    pipes = []
    for rank in range(1, count):
        pipe, other = context.Pipe()
        pipes.append(pipe)
        arguments = (task, rank, values, gradients, barrier, losses, other)
        context.Process(target=follow, args=arguments, daemon=True).start()
    trainer = Trainer(task, 0, values, gradients, barrier, losses)

    def steps(n):
        for pipe in pipes:
            pipe.send(n)
        return [trainer.step() for _ in range(n)]

    print(json.dumps({"ready": True, "version": torch.__version__, "parameters": length}), flush=True)
    for line in sys.stdin:
        command, n = line.split()
        if command == "step":
            begun = time.perf_counter()
            stepped = steps(int(n))
            print(json.dumps({"seconds": time.perf_counter() - begun, "losses": stepped}), flush=True)
        elif command == "profile":
            with torch.profiler.profile() as profiler:
                steps(int(n))
            rows = {
                row.key: {"milliseconds": row.self_cpu_time_total / 1000 / int(n), "calls": row.count // int(n)}
                for row in profiler.key_averages()
            }
            print(json.dumps({"operators": rows}), flush=True)


if __name__ == "__main__":
    main()
