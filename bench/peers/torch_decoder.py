"""The bench's decoder in PyTorch, in two forms with one arithmetic.

`plain` is what people write: PyTorch's operators and autograd. `fused` is autograd over a few functions with
hand-written gradients, which take fewer passes over memory, leave out what the causal mask hides, hold few logits at a
time and add gradients of weights by the product that makes them.
"""

import numpy
import torch
import torch.nn.functional as F


class Linear(torch.autograd.Function):
    """x W; the gradient of W is added to `sum` by the product that makes it."""

    @staticmethod
    def forward(ctx, x, weight, sum_, first):
        ctx.save_for_backward(x, weight)
        ctx.sum, ctx.first = sum_, first
        return torch.mm(x, weight)

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        add_product(ctx.sum, x.t(), gradient, ctx.first)
        return torch.mm(gradient, weight.t()), None, None, None


def add_product(sum_, a, b, first):
    if first:
        torch.mm(a, b, out=sum_)
    else:
        sum_.addmm_(a, b)


class Norm(torch.autograd.Function):
    """RMSNorm: x / sqrt(mean(x^2) + epsilon) * gain."""

    @staticmethod
    def forward(ctx, x, gain, sum_, first, epsilon):
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        inverse = length.square_().mul_(1 / x.shape[-1]).add_(epsilon).rsqrt_()
        normal = x * inverse
        ctx.save_for_backward(normal, inverse, gain)
        ctx.sum, ctx.first = sum_, first
        return normal * gain

    @staticmethod
    def backward(ctx, gradient):
        normal, inverse, gain = ctx.saved_tensors
        product = gradient * normal
        if ctx.first:
            torch.sum(product, 0, out=ctx.sum)
        else:
            ctx.sum.add_(product.sum(0))
        mean = torch.mv(product, gain).mul_(-1 / gain.shape[0]).unsqueeze_(1)
        return (gradient * gain).addcmul_(normal, mean).mul_(inverse), None, None, None, None


class Gate(torch.autograd.Function):
    """SwiGLU: silu(gate) * up, of both side by side."""

    @staticmethod
    def forward(ctx, both):
        ctx.save_for_backward(both)
        gate, up = both.chunk(2, 1)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, gradient):
        (both,) = ctx.saved_tensors
        gate, up = both.chunk(2, 1)
        result = torch.empty_like(both)
        to_gate, to_up = result.chunk(2, 1)
        torch.mul(gradient, F.silu(gate), out=to_up)
        to_gate.copy_(torch.ops.aten.silu_backward(gradient * up, gate))
        return result


class Attention(torch.autograd.Function):
    """Causal attention of queries, keys and values side by side, rotated here: (B T, 3 H D) -> (B T, H D).

    Rows of queries are taken in stretches, and each stretch meets only the keys that it may see: less than two
    thirds of the products and of the softmax of a masked square.
    """

    @staticmethod
    def forward(ctx, qkv, rotation, mask, heads, length, stretch):
        width = qkv.shape[1] // 3
        size = width // heads
        batch = qkv.shape[0] // length
        parts = qkv.view(batch, length, 3, heads, size)
        q, k = rotate(parts[:, :, :2], rotation)
        v = parts[:, :, 2].permute(0, 2, 1, 3).reshape(batch * heads, length, size)
        out = torch.empty(batch * heads, length, size)
        kept = []
        for start in range(0, length, stretch):
            end = start + stretch
            scores = torch.bmm(q[:, start:end], k[:, :end].transpose(1, 2))
            scores[:, :, start:].add_(mask)
            share = torch.softmax(scores, -1)
            torch.bmm(share, v[:, :end], out=out[:, start:end])
            kept.append(share)
        ctx.save_for_backward(q, k, v, rotation, *kept)
        ctx.sizes = batch, length, heads, size, stretch
        return out.view(batch, heads, length, size).permute(0, 2, 1, 3).reshape(batch * length, width)

    @staticmethod
    def backward(ctx, gradient):
        q, k, v, rotation, *kept = ctx.saved_tensors
        batch, length, heads, size, stretch = ctx.sizes
        gradient = gradient.view(batch, length, heads, size).permute(0, 2, 1, 3).reshape(-1, length, size)
        to_q = torch.empty_like(q)
        to_k = torch.zeros_like(k)
        to_v = torch.zeros_like(v)
        for share, start in zip(kept, range(0, length, stretch)):
            end = start + stretch
            rows = gradient[:, start:end]
            to_v[:, :end].baddbmm_(share.transpose(1, 2), rows)
            to_share = torch.bmm(rows, v[:, :end].transpose(1, 2))
            to_scores = torch._softmax_backward_data(to_share, share, -1, torch.float32)
            torch.bmm(to_scores, k[:, :end], out=to_q[:, start:end])
            to_k[:, :end].baddbmm_(to_scores.transpose(1, 2), q[:, start:end])
        result = torch.empty(batch, length, 3, heads, size)
        rotate_back(to_q, to_k, rotation, result[:, :, :2])
        result[:, :, 2].copy_(to_v.view(batch, heads, length, size).permute(0, 2, 1, 3))
        return result.view(batch * length, -1), None, None, None, None, None


def rotate(parts, rotation):
    """(B, T, 2, H, D) -> queries and keys, (B H, T, D) each, turned by position; neighbours are a complex number."""
    batch, length, _, heads, size = parts.shape
    turned = torch.empty(2, batch, heads, length, size // 2, dtype=torch.complex64)
    pairs = torch.view_as_complex(parts.unflatten(-1, (size // 2, 2)))
    torch.mul(pairs.permute(2, 0, 3, 1, 4), rotation, out=turned)
    return torch.view_as_real(turned).view(2, batch * heads, length, size).unbind(0)


def rotate_back(to_q, to_k, rotation, result):
    batch, length, _, heads, size = result.shape
    back = torch.view_as_complex(result.unflatten(-1, (size // 2, 2)))
    for i, gradient in enumerate((to_q, to_k)):
        turned = torch.view_as_complex(gradient.view(batch, heads, length, size // 2, 2)).permute(0, 2, 1, 3)
        torch.mul(turned, rotation[i, 0, 0].conj_physical().unsqueeze(1), out=back[:, :, i])


class HeadLoss(torch.autograd.Function):
    """The output layer and the sum of cross-entropies, by rows, so that few logits exist at a time.

    The gradients are made at once: the loss is the last thing that is computed, and its own gradient is `weight`.
    """

    @staticmethod
    def forward(ctx, x, head, sum_, first, targets, weight, rows):
        to_x = torch.empty_like(x)
        loss = 0.0
        for start in range(0, x.shape[0], rows):
            part = x[start : start + rows]
            wanted = targets[start : start + rows].unsqueeze(1)
            share = torch.softmax(torch.mm(part, head), -1)
            likely = share.gather(1, wanted)
            loss -= float(likely.log_().sum()) * weight
            share.scatter_add_(1, wanted, torch.full_like(likely, -1.0))
            share.mul_(weight)
            add_product(sum_, part.t(), share, first and start == 0)
            torch.mm(share, head.t(), out=to_x[start : start + rows])
        ctx.save_for_backward(to_x)
        return torch.tensor(loss)

    @staticmethod
    def backward(ctx, _):
        return ctx.saved_tensors[0], None, None, None, None, None, None


class Embedding(torch.autograd.Function):
    @staticmethod
    def forward(ctx, table, ids, sum_, first):
        ctx.save_for_backward(ids)
        ctx.sum, ctx.first = sum_, first
        return table.detach()[ids]

    @staticmethod
    def backward(ctx, gradient):
        (ids,) = ctx.saved_tensors
        if ctx.first:
            ctx.sum.zero_()
        ctx.sum.index_add_(0, ids, gradient)
        return None, None, None, None


class Decoder:
    """What both forms share: flat memory, of which the parameters are views, and the tables."""

    def __init__(self, model, tuning):
        self.model = model
        self.tuning = tuning
        width, hidden, words = model["width"], model["hidden"], model["vocabulary"]
        # Matrices first: they decay, gains don't.
        self.shapes = {"embedding": (words, width)}
        for i in range(model["layers"]):
            self.shapes[f"{i}.qkv"] = (width, 3 * width)
            self.shapes[f"{i}.out"] = (width, width)
            self.shapes[f"{i}.in"] = (width, 2 * hidden)
            self.shapes[f"{i}.down"] = (hidden, width)
        self.shapes["head"] = (width, words)
        self.decayed = self.count()
        for i in range(model["layers"]):
            self.shapes[f"{i}.norm1"] = self.shapes[f"{i}.norm2"] = (width,)
        self.shapes["norm"] = (width,)
        self.length = self.count()

        size = width // model["heads"]
        positions = torch.arange(model["length"]).double().unsqueeze(1)
        angles = positions * model["rotaryBase"] ** (-torch.arange(0, size, 2).double() / size)
        self.turns = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)

    def count(self):
        return sum(int(numpy.prod(shape)) for shape in self.shapes.values())

    def views(self, flat):
        views, place = {}, 0
        for name, shape in self.shapes.items():
            count = int(numpy.prod(shape))
            views[name] = flat[place : place + count].view(shape)
            place += count
        return views

    def layer(self, values, i):
        return {key: values[f"{i}.{key}"] for key in ("qkv", "out", "in", "down", "norm1", "norm2")}


class PlainDecoder(Decoder):
    def __init__(self, model, tuning):
        super().__init__(model, tuning)
        length = model["length"]
        self.mask = torch.full((length, length), float("-inf")).triu_(1)

    def begin(self, values, sums):
        """Lets autograd add into `sums`."""
        for name, value in values.items():
            value.requires_grad_().grad = sums[name]

    def loss_and_gradients(self, values, sums, ids, targets, weight, first):
        """ids, targets (B, T). Adds to `sums`, or replaces them when this microbatch is the first."""
        model = self.model
        batch, length = ids.shape
        heads, width = model["heads"], model["width"]
        if first:
            torch._foreach_zero_(list(sums.values()))
        x = F.embedding(ids.reshape(-1), values["embedding"])
        for i in range(model["layers"]):
            w = self.layer(values, i)
            qkv = (self.normal(x, w["norm1"]) @ w["qkv"]).view(batch, length, 3, heads, -1).permute(2, 0, 3, 1, 4)
            q, k, v = qkv.unbind(0)
            scores = self.turn(q) @ self.turn(k).transpose(-1, -2) * (width // heads) ** -0.5
            mixed = (scores + self.mask).softmax(-1) @ v
            x = x + mixed.transpose(1, 2).reshape(-1, width) @ w["out"]
            gate, up = (self.normal(x, w["norm2"]) @ w["in"]).chunk(2, 1)
            x = x + (F.silu(gate) * up) @ w["down"]
        logits = self.normal(x, values["norm"]) @ values["head"]
        loss = F.cross_entropy(logits, targets.reshape(-1), reduction="sum") * weight
        loss.backward()
        return float(loss)

    def normal(self, x, gain):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.model["epsilon"]) * gain

    def turn(self, x):
        pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)))
        return torch.view_as_real(pairs * self.turns).flatten(-2)


class FusedDecoder(Decoder):
    def __init__(self, model, tuning):
        super().__init__(model, tuning)
        size = model["width"] // model["heads"]
        # The scale of the scores is in the turn of the queries.
        self.rotation = torch.stack([self.turns * size**-0.5, self.turns]).view(2, 1, 1, *self.turns.shape)
        self.stretch = min(tuning["stretch"], model["length"])
        self.mask = torch.full((self.stretch, self.stretch), float("-inf")).triu_(1)

    def begin(self, values, sums):
        """Autograd starts at the table; where gradients are put is the functions' own business."""
        values["embedding"].requires_grad_()

    def loss_and_gradients(self, values, sums, ids, targets, weight, first):
        """ids, targets (B, T). Adds to `sums`, or replaces them when this microbatch is the first."""
        model, epsilon = self.model, self.model["epsilon"]
        x = Embedding.apply(values["embedding"], ids.reshape(-1), sums["embedding"], first)
        for i in range(model["layers"]):
            w, g = self.layer(values, i), self.layer(sums, i)
            normal = Norm.apply(x, w["norm1"], g["norm1"], first, epsilon)
            qkv = Linear.apply(normal, w["qkv"], g["qkv"], first)
            mixed = Attention.apply(qkv, self.rotation, self.mask, model["heads"], model["length"], self.stretch)
            x = x + Linear.apply(mixed, w["out"], g["out"], first)
            normal = Norm.apply(x, w["norm2"], g["norm2"], first, epsilon)
            gated = Gate.apply(Linear.apply(normal, w["in"], g["in"], first))
            x = x + Linear.apply(gated, w["down"], g["down"], first)
        normal = Norm.apply(x, values["norm"], sums["norm"], first, epsilon)
        rows = self.tuning["rows"]
        loss = HeadLoss.apply(normal, values["head"], sums["head"], first, targets.reshape(-1), weight, rows)
        loss.backward()
        return float(loss)


decoders = {"plain": PlainDecoder, "fused": FusedDecoder}
