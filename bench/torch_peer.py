"""The training step of bench/peers/problem.mjs in PyTorch, timed in the ways PyTorch has: a Python loop over time (what nn4n
does), the same under torch.compile, the same replayed as one CUDA graph, and cuDNN's nn.RNN. nn.RNN has no leak, so that its
losses are others; the loop's must be cortrain's.

    node bench/peers/run.mjs --peers torch          # writes the problem, runs this and compares
    python bench/torch_peer.py --problem problem.npz --rounds 9 [--device cuda] [--ways loop,compile,graph,rnn]

Prints one JSON object a line: {"name", "device", "losses": four, "ms": [a time a round], "first": seconds}.
"""

import argparse
import json
import time

import numpy as np
import torch

LR = 1e-3


def problem_of(path, device):
    arrays = np.load(path)
    tensors = {name: torch.tensor(arrays[name], device=device) for name in arrays.files}
    return tensors, float(tensors.pop("alpha")[0])


class Loop(torch.nn.Module):
    """h = (1 - alpha) h + alpha (W_rec relu(h) + W_in x + b); y = W_out relu(h) + b_out."""

    def __init__(self, tensors, alpha):
        super().__init__()
        self.alpha = alpha
        for name in ("weightIH", "weightHH", "weightHO", "biasH", "biasO"):
            setattr(self, name, torch.nn.Parameter(tensors[name].clone()))

    def forward(self, x):
        h = torch.zeros(x.shape[1], self.weightHH.shape[0], device=x.device)
        r = torch.relu(h)
        rates = []
        for now in x.unbind(0):
            drive = r @ self.weightHH.T + now @ self.weightIH.T + self.biasH
            h = (1 - self.alpha) * h + self.alpha * drive
            r = torch.relu(h)
            rates.append(r)
        return torch.stack(rates) @ self.weightHO.T + self.biasO


class Fused(torch.nn.Module):
    """cuDNN's RNN: h = relu(W_rec h + W_in x + b), another network of the same size."""

    def __init__(self, tensors):
        super().__init__()
        hidden, inputs = tensors["weightIH"].shape
        self.rnn = torch.nn.RNN(inputs, hidden, nonlinearity="relu")
        self.readout = torch.nn.Linear(hidden, tensors["weightHO"].shape[0])
        with torch.no_grad():
            # Without the leak the same weights would explode.
            self.rnn.weight_ih_l0.copy_(0.1 * tensors["weightIH"])
            self.rnn.weight_hh_l0.copy_(0.5 * tensors["weightHH"])
            self.rnn.bias_ih_l0.copy_(0.1 * tensors["biasH"])
            self.rnn.bias_hh_l0.zero_()
            self.readout.weight.copy_(tensors["weightHO"])
            self.readout.bias.copy_(tensors["biasO"])

    def forward(self, x):
        return self.readout(self.rnn(x)[0])


def stepper(model, x, y, capturable=False):
    """One update; returns the loss on the device."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, capturable=capturable)

    def step():
        optimizer.zero_grad(set_to_none=not capturable)
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def graphed(model, x, y):
    """The whole update as one CUDA graph; the weights it was warmed up with are put back."""
    start = {name: value.detach().clone() for name, value in model.state_dict().items()}
    step = stepper(model, x, y, capturable=True)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            value.copy_(start[name])

    def replay():
        graph.replay()
        return loss

    return replay


def measure(name, make, device, rounds):
    began = time.perf_counter()
    step = make()
    losses = [step().item()]
    first = time.perf_counter() - began
    losses += [step().item() for _ in range(3)]
    step().item()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        step().item()  # brings the loss to the host, and so waits
        times.append(1000 * (time.perf_counter() - began))
    where = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print(json.dumps({"name": name, "device": where, "losses": losses, "ms": times, "first": first}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--problem", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--ways", default="")
    args = parser.parse_args()
    device = args.device
    # float32 products as cortrain's: no TF32.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    tensors, alpha = problem_of(args.problem, device)
    x, y = tensors["x"], tensors["y"]
    ways = {
        "loop": lambda: stepper(Loop(tensors, alpha).to(device), x, y),
        "compile": lambda: stepper(torch.compile(Loop(tensors, alpha).to(device)), x, y),
        "graph": lambda: graphed(Loop(tensors, alpha).to(device), x, y),
        "rnn": lambda: stepper(Fused(tensors).to(device), x, y),
    }
    default = ["loop", "compile", "graph", "rnn"] if device == "cuda" else ["loop", "rnn"]
    for name in args.ways.split(",") if args.ways else default:
        if name not in ways:
            parser.error(f"--ways: expected some of {', '.join(ways)}, got {name}")
        if name == "graph" and device != "cuda":
            parser.error("--ways graph: a CUDA graph needs --device cuda")
        measure(f"torch {name}", ways[name], device, args.rounds)


if __name__ == "__main__":
    main()
